import { AsyncLocalStorage } from 'node:async_hooks';
import type { IncomingHttpHeaders } from 'node:http';
import type { Context } from '@opentelemetry/api';
import type { SpanExporter } from '@opentelemetry/sdk-trace-base';

/** Creates spans and sends them to a collector. */
export type Tracing = {
  /** Runs `work` in a child span of the current span; marks the span as failed if `work` throws. */
  readonly span: <T>(name: string, attributes: Attributes, work: () => Promise<T>) => Promise<T>;
  /**
   * Starts the span of a request in the trace that the headers identify (W3C Trace Context), and calls `go` in the
   * span. Returns a function that ends the span with the status of the response.
   */
  readonly request: (name: string, headers: IncomingHttpHeaders, go: () => void) => (code: number) => void;
  /** Sends the pending spans and stops. */
  readonly close: () => Promise<void>;
};

export type Attributes = Readonly<Record<string, string | number | boolean>>;

export type TracingOptions = {
  /** The URL that receives spans by OTLP over HTTP. */
  readonly endpoint: string;
  /** The service name in traces. */
  readonly service: string;
  readonly version: string;
  /** Receives the reason if spans cannot be sent; these spans are lost. */
  readonly failed: (reason: string) => void;
};

/** The maximum delay of a shutdown by an unresponsive collector. */
const EXPORT_TIMEOUT_MS = 5000;

/** Returns a {@link Tracing} that records nothing. */
export function noTracing(): Tracing {
  return {
    span: async (_name, _attributes, work) => await work(),
    request(_name, _headers, go) {
      go();
      return () => undefined;
    },
    close: async () => {},
  };
}

/** Loads OpenTelemetry, which is needed only with tracing, and sends spans to the collector. */
export async function openTracing({ endpoint, service, version, failed }: TracingOptions): Promise<Tracing> {
  const [{ ROOT_CONTEXT, SpanKind, SpanStatusCode, defaultTextMapGetter, trace }, base, exporter, resources, core] =
    await Promise.all([
      import('@opentelemetry/api'),
      import('@opentelemetry/sdk-trace-base'),
      import('@opentelemetry/exporter-trace-otlp-http'),
      import('@opentelemetry/resources'),
      import('@opentelemetry/core'),
    ]);
  const sender = new exporter.OTLPTraceExporter({ url: endpoint, timeoutMillis: EXPORT_TIMEOUT_MS });
  const told: SpanExporter = {
    export(spans, done) {
      sender.export(spans, (result) => {
        if (result.code === core.ExportResultCode.FAILED) failed(result.error?.message ?? 'unknown error');
        done(result);
      });
    },
    shutdown: async () => await sender.shutdown(),
  };
  const provider = new base.BasicTracerProvider({
    resource: resources.resourceFromAttributes({ 'service.name': service, 'service.version': version }),
    spanProcessors: [new base.BatchSpanProcessor(told, { exportTimeoutMillis: EXPORT_TIMEOUT_MS })],
  });
  const tracer = provider.getTracer('clair', version);
  const propagator = new core.W3CTraceContextPropagator();
  // A local context replaces the OpenTelemetry globals, because the globals would be module-level state.
  const current = new AsyncLocalStorage<Context>();

  return {
    async span(name, attributes, work) {
      const parent = current.getStore() ?? ROOT_CONTEXT;
      const span = tracer.startSpan(name, { attributes: { ...attributes } }, parent);
      try {
        return await current.run(trace.setSpan(parent, span), work);
      } catch (error) {
        span.setStatus({ code: SpanStatusCode.ERROR });
        throw error;
      } finally {
        span.end();
      }
    },
    request(name, headers, go) {
      const parent = propagator.extract(ROOT_CONTEXT, headers, defaultTextMapGetter);
      const span = tracer.startSpan(name, { kind: SpanKind.SERVER }, parent);
      current.run(trace.setSpan(parent, span), go);
      return (code) => {
        span.setAttribute('http.response.status_code', code);
        if (code >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
        span.end();
      };
    },
    async close() {
      // A failure to send spans must not make the shutdown fail.
      await provider
        .shutdown()
        .catch((error: unknown) => failed(error instanceof Error ? error.message : String(error)));
    },
  };
}
