import { AsyncLocalStorage } from 'node:async_hooks';
import type { IncomingHttpHeaders } from 'node:http';
import type { Context } from '@opentelemetry/api';
import type { SpanExporter } from '@opentelemetry/sdk-trace-base';

/** Tells a collector how long what took, and within what. */
export type Tracing = {
  /** Does `work` as a span within the one that it is called in; one that throws is marked as failed. */
  readonly span: <T>(name: string, attributes: Attributes, work: () => Promise<T>) => Promise<T>;
  /**
   * Begins the span of a request, a part of the trace that its headers name (W3C Trace Context), and calls `go` in it.
   * Gives what ends it, with the status of the answer.
   */
  readonly request: (name: string, headers: IncomingHttpHeaders, go: () => void) => (code: number) => void;
  /** Sends what is not sent yet. */
  readonly close: () => Promise<void>;
};

export type Attributes = Readonly<Record<string, string | number | boolean>>;

export type TracingOptions = {
  /** Where spans are sent to, by OTLP over HTTP. */
  readonly endpoint: string;
  /** What this server is called in traces. */
  readonly service: string;
  readonly version: string;
  /** Told why spans did not arrive; they are lost then. */
  readonly failed: (reason: string) => void;
};

/** A collector that does not answer must not keep the process from ending for longer. */
const EXPORT_TIMEOUT_MS = 5000;

/** Tells nobody. */
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

/** Loads OpenTelemetry, which nobody needs without a collector, and sends spans to one. */
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
        if (result.code === core.ExportResultCode.FAILED) failed(result.error?.message ?? 'no reason was given');
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
  // Of this instance alone: the globals of OpenTelemetry are for programs that others instrument.
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
      // That the last spans do not arrive keeps nobody from stopping in good order.
      await provider
        .shutdown()
        .catch((error: unknown) => failed(error instanceof Error ? error.message : String(error)));
    },
  };
}
