import { parseImageReference } from '../../../model/image-reference.ts';

export type RegistryMirror = {
  readonly of: string;
  readonly domain: string;
  /** The prefix of the mirror's repositories: empty, or a path with a trailing slash. */
  readonly prefix: string;
};

/** Parses `HOST[:PORT]=MIRROR[:PORT][/PREFIX]`; returns undefined for any other text. */
export function parseRegistryMirror(text: string): RegistryMirror | undefined {
  const [, host = '', domain = '', path = ''] = /^([^=/]+)=([^=/]+)((?:\/[^=/]+)*)\/?$/.exec(text) ?? [];
  // The host and the mirror must parse as registries, not as Docker Hub repositories.
  const of = parseImageReference(`${host}/some/name`);
  const mirror = parseImageReference(`${domain}${path}/name`);
  const isRegistry = of?.repository === 'some/name' && `/${mirror?.repository}`.endsWith(`${path}/name`);
  if (of === undefined || mirror === undefined || !isRegistry || mirror.domain !== domain) return undefined;
  return { of: of.domain, domain, prefix: path === '' ? '' : `${path.slice(1)}/` };
}
