import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { type ConfigSection, mapOf } from '../config-key.ts';

/** OpenTelemetry traces. Tracing is off without an endpoint. */
export type TracingConfig = { readonly endpoint?: string; readonly service: string };

const KEYS = mapOf({
  endpoint: Type.Optional(
    Type.String({
      pattern: '^https?://',
      title: 'an http: or https: URL',
      description: 'OTLP/HTTP endpoint for traces, such as `http://collector:4318/v1/traces`',
      $comment: 'no traces',
    }),
  ),
  service: Type.String({
    minLength: 1,
    default: 'clair',
    title: 'a name',
    description: 'Service name in traces (`service.name`)',
  }),
});

/** The section `tracing`. */
export const TRACING: ConfigSection<TracingConfig> = {
  name: 'tracing',
  keys: KEYS,
  checked: (value) => (Value.Check(KEYS, value) ? value : undefined),
};
