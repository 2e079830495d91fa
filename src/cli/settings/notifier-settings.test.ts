import { expect, it } from 'vitest';
import { parseConfig } from '../../config/config-file.ts';
import type { NotifierSettings } from '../../notifier/notifier-settings.ts';
import { notifierSettings } from './notifier-settings.ts';

const NOBODY = { attempts: 150, renotifyInterval: 7_200_000 };

it.each<[string, object, NotifierSettings]>([
  ['no channel is configured by default', {}, NOBODY],
  ['a channel without an address is off', { http: { payload: 'full' }, amqp: { exchange: 'clair' } }, NOBODY],
  [
    'a webhook has the settings of the file',
    { attempts: 3, renotifyinterval: '1h', http: { endpoint: 'https://r.example', timeout: '1m', cafile: '/ca' } },
    {
      attempts: 3,
      renotifyInterval: 3_600_000,
      http: { endpoint: 'https://r.example', timeout: 60_000, payload: 'reference', cafile: '/ca' },
    },
  ],
  [
    'a broker has the settings of the file',
    { amqp: { url: 'amqp://b.example', routingkey: 'k', payload: 'full' } },
    { ...NOBODY, amqp: { url: 'amqp://b.example', exchange: '', routingKey: 'k', payload: 'full' } },
  ],
  [
    'a Clair v4 webhook has the settings of the file',
    { v4: { target: 'http://quay.example', headers: 'X-A: 1', summary: false, interval: '2m', timeout: '1s' } },
    {
      ...NOBODY,
      v4: {
        target: 'http://quay.example',
        callback: '/notifier/api/v1/notification/',
        headers: { 'x-a': '1' },
        isSummary: false,
        interval: 120_000,
        timeout: 1000,
      },
    },
  ],
])('%s', (_, notifier, plan) => {
  expect(notifierSettings(parseConfig(JSON.stringify({ notifier }), 'FILE').config)).toEqual(plan);
});

it('a signed Clair v4 webhook uses the key of the tokens', () => {
  const key = Buffer.from('a key for tokens, of 32 bytes....');
  const psk = { key: key.toString('base64'), iss: ['quay'] };
  const file = { api: { auth: { psk } }, notifier: { v4: { target: 'http://quay.example', signed: true } } };
  expect(notifierSettings(parseConfig(JSON.stringify(file), 'FILE').config).v4?.key).toEqual(key);
});
