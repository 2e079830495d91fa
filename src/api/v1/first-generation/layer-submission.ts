import { Type } from 'typebox';
import type { SubmittedLayer } from '../layer-analysis.ts';
import { LAYER_NAME } from '../shapes.ts';

export type Submission = {
  readonly ID: string;
  readonly Path: string;
  readonly ParentID?: string;
  readonly ImageFormat?: string;
  readonly Headers?: Readonly<Record<string, string>>;
};

/** Clair v1 added `ImageFormat` later, so it is optional. `Headers` is a field of the stable generation. */
export const SUBMISSION: Type.TSchema = Type.Object(
  {
    ID: LAYER_NAME,
    Path: Type.String({
      minLength: 1,
      maxLength: 8192,
      description: 'URL or path of the layer; a path must be below an allowed directory',
    }),
    ParentID: Type.Optional(
      Type.String({ maxLength: 1024, description: 'name of the parent layer; empty if the layer has no parent' }),
    ),
    ImageFormat: Type.Optional(
      Type.String({ maxLength: 32, description: 'Docker (default) or ACI, case-insensitive' }),
    ),
    Headers: Type.Optional(
      Type.Record(Type.String(), Type.String(), {
        description: 'request headers for `Path`: at most 32 headers and 8 KiB',
      }),
    ),
  },
  { title: 'Submission' },
);

/** The response, with the version of the engine that analysed the layer. */
export const SUBMITTED: Type.TSchema = Type.Object({ Version: Type.String() });

/** Converts a request of the first generation; an absent `ParentID` means that the layer has no parent. */
export function submittedLayer({
  ID,
  Path,
  ParentID = '',
  ImageFormat = '',
  Headers = {},
}: Submission): SubmittedLayer {
  const format = ImageFormat === '' ? 'Docker' : ImageFormat;
  return { name: ID, location: Path, parentName: ParentID, format, headers: Headers };
}
