import { expect, it } from 'vitest';
import { yarnPlugAndPlay } from './detector.ts';
import { MAX_PLUG_AND_PLAY_PACKAGES } from './pnp-registry.ts';

it("the packages of a project with Yarn Plug'n'Play are bounded in number", () => {
  const registry = Array.from({ length: MAX_PLUG_AND_PLAY_PACKAGES + 1 }, (_, at) => [`a${at}`, [['npm:1.0.0', {}]]]);
  const text = JSON.stringify({ packageRegistryData: registry });
  const { features, diagnostics } = yarnPlugAndPlay.read('.pnp.data.json', Buffer.from(text));
  expect(features).toHaveLength(MAX_PLUG_AND_PLAY_PACKAGES);
  const message = expect.stringMatching(/^the project in the root directory has more than 20000/);
  expect(diagnostics).toMatchObject([{ code: 'package-limit-reached', message }]);
});
