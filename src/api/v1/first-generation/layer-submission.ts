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

/**
 * `ImageFormat` came with the second version of the first generation; without it a Docker layer is meant. `Headers` is a
 * field of the stable generation.
 */
export const SUBMISSION: Type.TSchema = Type.Object(
  {
    ID: LAYER_NAME,
    Path: Type.String({ minLength: 1, maxLength: 8192 }),
    ParentID: Type.Optional(Type.String({ maxLength: 1024 })),
    ImageFormat: Type.Optional(Type.String({ maxLength: 32 })),
    Headers: Type.Optional(Type.Record(Type.String(), Type.String())),
  },
  { title: 'Submission' },
);

/** The answer: the version of the engine that analysed the layer. */
export const SUBMITTED: Type.TSchema = Type.Object({ Version: Type.String() });

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
