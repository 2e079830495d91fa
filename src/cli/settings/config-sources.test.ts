import { expect, it } from 'vitest';
import { loadConfig } from '../../config/config-file.ts';
import { configOfSources } from './config-sources.ts';

it('returns the defaults without a file and variables', async () => {
  const environment = { CLAIR_CONFIG: '', CLAIR_DB: 'clair.db', PATH: '/bin' };
  expect(await configOfSources({ environment })).toEqual((await loadConfig({ environment })).config);
});

it('reads environment variables', async () => {
  const { updater } = await configOfSources({ environment: { CLAIR_UPDATER_OFFLINE: 'true' } });
  expect(updater.offline).toBe(true);
});

it('rejects unknown variables of a section', async () => {
  const loading = configOfSources({ environment: { CLAIR_UPDATER_OFLINE: 'true' } });
  await expect(loading).rejects.toMatchObject({ code: 'config/invalid' });
});

it('reads the file', async () => {
  await expect(configOfSources({ file: '/nonexistent.yaml', environment: {} })).rejects.toMatchObject({
    code: 'config/invalid',
    message: expect.stringContaining('cannot read /nonexistent.yaml'),
  });
});
