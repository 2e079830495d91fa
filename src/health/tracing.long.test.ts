import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openTracing, type Tracing } from './tracing.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const PARENT = 'b7ad6b7169203331';

type Span = { name: string; traceId: string; spanId: string; parentSpanId?: string; status: { code?: number } };

let collector: Server;
let status: number;
let spans: Span[];
let failures: string[];
let tracing: Tracing;

beforeEach(async () => {
  [status, spans, failures] = [200, [], []];
  collector = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += String(chunk)));
    request.on('end', () => {
      spans.push(...JSON.parse(body).resourceSpans[0].scopeSpans[0].spans);
      response.writeHead(status, { 'content-type': 'application/json' }).end('{}');
    });
  });
  await once(collector.listen(0, '127.0.0.1'), 'listening');
  const { port } = collector.address() as AddressInfo;
  const endpoint = `http://127.0.0.1:${port}/v1/traces`;
  tracing = await openTracing({ endpoint, service: 'clair', version: '1', failed: (reason) => failures.push(reason) });
});
afterEach(() => {
  collector.closeAllConnections();
  collector.close();
});

it('sends the span of a request and its child spans in the trace of the request headers', async () => {
  let work = Promise.resolve();
  const end = tracing.request('POST /v1/layers', { traceparent: `00-${TRACE}-${PARENT}-01` }, () => {
    work = tracing.span('analyze layer', {}, async () => await Promise.resolve());
  });
  await work;
  end(201);
  await tracing.close();
  const [layer, request] = spans;
  expect(request).toMatchObject({ name: 'POST /v1/layers', traceId: TRACE, parentSpanId: PARENT });
  expect(layer).toMatchObject({ name: 'analyze layer', traceId: TRACE, parentSpanId: request?.spanId });
  expect(failures).toEqual([]);
});

it('marks failed spans and rethrows the error', async () => {
  const failing = tracing.span('update feed', {}, async () => await Promise.reject(new Error('no network')));
  await expect(failing).rejects.toThrow('no network');
  await tracing.close();
  expect(spans).toMatchObject([{ name: 'update feed', status: { code: 2 } }]);
});

it('reports a failing collector and continues', async () => {
  status = 404;
  await tracing.span('analyze layer', {}, async () => await Promise.resolve());
  await tracing.close();
  expect(failures).not.toEqual([]);
});
