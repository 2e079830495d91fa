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

/** What a client posts. Others of the fields of a layer are what the server says, and are passed over. */
export const POSTED_ENVELOPE: Type.TSchema = Type.Object(
  {
    Layer: Type.Object(
      {
        Name: LAYER_NAME,
        Path: Type.String({ minLength: 1, maxLength: 8192 }),
        Headers: Type.Optional(Type.Record(Type.String(), Type.String())),
        ParentName: Type.Optional(Type.String({ maxLength: 1024 })),
        Format: Type.String({ minLength: 1, maxLength: 32 }),
      },
      { title: 'PostedLayer' },
    ),
  },
  { title: 'LayerEnvelope' },
);

/** A layer as it is answered. */
const LAYER = Type.Object(
  {
    Name: LAYER_NAME,
    NamespaceName: Type.Optional(Type.String()),
    Path: Type.Optional(Type.String()),
    Headers: Type.Optional(Type.Record(Type.String(), Type.String())),
    ParentName: Type.Optional(Type.String()),
    Format: Type.Optional(Type.String()),
    IndexedByVersion: Type.Integer(),
    Features: Type.Optional(Type.Array(FEATURE)),
  },
  { title: 'Layer' },
);

export const LAYER_ENVELOPE: Type.TSchema = Type.Object({ Layer: LAYER, Problems: Type.Optional(DIAGNOSTICS) });

export function postedLayer({
  Layer: { Name, Path, Headers = {}, ParentName = '', Format },
}: LayerEnvelope): SubmittedLayer {
  return { name: Name, location: Path, parentName: ParentName, format: Format, headers: Headers };
}
