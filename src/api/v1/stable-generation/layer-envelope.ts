import { Type } from 'typebox';
import type { SubmittedLayer } from '../layer-analysis.ts';
import { LAYER_NAME, DIAGNOSTICS } from '../shapes.ts';
import { FEATURE } from './answer-shapes.ts';

export type LayerEnvelope = {
  readonly Layer: {
    readonly Name: string;
    readonly Path: string;
    readonly Headers?: Readonly<Record<string, string>>;
    readonly ParentName?: string;
    readonly Format: string;
  };
};

/** The request. The server ignores the other fields of a layer, because the other fields exist only in responses. */
export const POSTED_ENVELOPE: Type.TSchema = Type.Object(
  {
    Layer: Type.Object(
      {
        Name: LAYER_NAME,
        Path: Type.String({ minLength: 1, maxLength: 8192, description: 'URL, or path below an allowed directory' }),
        Headers: Type.Optional(
          Type.Record(Type.String(), Type.String(), {
            description: 'request headers for `Path`: at most 32 headers and 8 KiB',
          }),
        ),
        ParentName: Type.Optional(
          Type.String({ maxLength: 1024, description: 'name of the parent layer; empty if the layer has no parent' }),
        ),
        Format: Type.String({ minLength: 1, maxLength: 32, description: 'Docker or ACI, case-insensitive' }),
      },
      { title: 'PostedLayer' },
    ),
  },
  { title: 'LayerEnvelope' },
);

/** The response. */
const LAYER = Type.Object(
  {
    Name: LAYER_NAME,
    NamespaceName: Type.Optional(
      Type.String({ description: 'namespace of the operating system, such as debian:12; absent if none was detected' }),
    ),
    Path: Type.Optional(Type.String({ description: 'only in the response to a POST' })),
    Headers: Type.Optional(
      Type.Record(Type.String(), Type.String(), { description: 'only in the response to a POST' }),
    ),
    ParentName: Type.Optional(Type.String()),
    Format: Type.Optional(Type.String({ description: 'only in the response to a POST' })),
    IndexedByVersion: Type.Integer({ description: 'version of the engine that analysed the layer' }),
    Features: Type.Optional(Type.Array(FEATURE, { description: 'with `features` or `vulnerabilities`' })),
  },
  { title: 'Layer' },
);

export const LAYER_ENVELOPE: Type.TSchema = Type.Object({ Layer: LAYER, Problems: Type.Optional(DIAGNOSTICS) });

/** Converts a request of the stable generation; an absent `ParentName` means that the layer has no parent. */
export function postedLayer({
  Layer: { Name, Path, Headers = {}, ParentName = '', Format },
}: LayerEnvelope): SubmittedLayer {
  return { name: Name, location: Path, parentName: ParentName, format: Format, headers: Headers };
}
