import Fastify, { type LightMyRequestResponse } from 'fastify';
import { expect, it } from 'vitest';
import { memoryStore } from '../../database/testing/memory-store.ts';
import { ClairError } from '../../errors.ts';
import { reportOf } from '../../report/testing/report-builder.ts';
import { scanReportRoute } from './scan-reports.ts';
import { DEFAULT_HARBOR_SETTINGS } from './settings.ts';

const PATH = '/scan/00000000-0000-4000-8000-000000000000/report';

async function pollWithoutDatabase(maxOutage: number): Promise<LightMyRequestResponse> {
  const store = await memoryStore();
  const find = async (): Promise<never> => {
    throw new ClairError('database/unavailable', 'the database does not respond');
  };
  const options = {
    store: { ...store, submissions: { ...store.submissions, find } },
    report: async () => reportOf({}),
    noteUse: () => undefined,
    harbor: DEFAULT_HARBOR_SETTINGS,
  };
  const server = Fastify();
  scanReportRoute(server, options, maxOutage);
  const response = await server.inject(PATH);
  await server.close();
  await store.close();
  return response;
}

it('polls again during a short outage of the database, because Harbor does not retry a scan', async () => {
  const { statusCode, headers } = await pollWithoutDatabase(60_000);
  expect([statusCode, headers['refresh-after']]).toEqual([302, '10']);
});

it('fails after a long outage, because every scan must end', async () => {
  expect((await pollWithoutDatabase(0)).statusCode).toBe(500);
});
