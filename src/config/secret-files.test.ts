import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { loadConfig } from './config-file.ts';
import { configYaml, shownConfig } from './shown-config.ts';

const folder = mkdtempSync(join(tmpdir(), 'clair-secrets-'));
afterAll(() => rmSync(folder, { recursive: true }));

const SECRET = 'a-secret-of-the-receiver';

function written(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

it('reads a secret from a file', async () => {
  const environment = { CLAIR_NOTIFIER_HTTP_SECRETFILE: written('good', `${SECRET}\n`) };
  const { config } = await loadConfig({ environment });
  expect(config.notifier.http.secret).toBe(SECRET);
});

it.each<[string, object, RegExp]>([
  ['a missing file', { secretfile: join(folder, 'none') }, /line 3: notifier\.http\.secretfile: cannot read /],
  ['a directory', { secretfile: folder }, /line 3: notifier\.http\.secretfile: cannot read /],
  [
    'a secret that is too short',
    { secretfile: written('short', 'guess-me') },
    /must contain text of at least 16 characters$/,
  ],
  ['a file next to the secret itself', { secretfile: '/x', secret: SECRET }, /cannot both be set: remove one$/],
])('rejects %s without showing its content', async (_, http, message) => {
  const file = written(
    'clair.yaml',
    `notifier:\n  http:\n${Object.entries(http)
      .map(([key, value]) => `    ${key}: ${value}\n`)
      .join('')}`,
  );
  const refused = loadConfig({ file, environment: {} });
  await expect(refused).rejects.toMatchObject({ code: 'config/invalid', message: expect.stringMatching(message) });
  await expect(refused).rejects.not.toThrow(/guess-me|a-secret/);
});

it('reads only the secrets that a command needs', async () => {
  const environment = {
    CLAIR_NOTIFIER_HTTP_SECRETFILE: join(folder, 'none'),
    CLAIR_DATABASE_TYPE: 'postgres',
    CLAIR_DATABASE_SOURCEFILE: written('source', 'postgres://h/d\n'),
  };
  const { config } = await loadConfig({ environment, secrets: 'database' });
  expect(config.database).toMatchObject({ source: 'postgres://h/d' });
  await expect(loadConfig({ environment })).rejects.toThrow('CLAIR_NOTIFIER_HTTP_SECRETFILE');
  const { config: none } = await loadConfig({ environment, secrets: 'none' });
  expect(none.database).not.toHaveProperty('source');
});

it('never prints secrets', async () => {
  const environment = {
    CLAIR_API_PAGINATIONKEY: Buffer.alloc(32, 1).toString('base64url'),
    CLAIR_API_AUTH_PSK_KEY: Buffer.alloc(32, 2).toString('base64'),
    CLAIR_API_AUTH_PSK_ISS: '[quay]',
    CLAIR_NOTIFIER_HTTP_ENDPOINT: 'https://receiver.example/hooks/a-secret',
    CLAIR_NOTIFIER_HTTP_PROXY: 'http://user:a-secret@proxy.example',
    CLAIR_NOTIFIER_HTTP_SECRET: SECRET,
    CLAIR_NOTIFIER_AMQP_URL: 'amqp://user:a-secret@broker.example',
    CLAIR_UPDATER_ADDRESSES: '{debian: "https://user:a-secret@mirror.example/json"}',
  };
  const text = configYaml(shownConfig((await loadConfig({ environment })).config));
  expect(text).not.toMatch(/a-secret|AQEBAQ|AgICAg/);
  expect(text.match(/\*{8}/g)).toHaveLength(Object.keys(environment).length - 1);
  expect(text).toContain('debian: https://********@mirror.example/json');
  expect(text).toContain('- quay');
});
