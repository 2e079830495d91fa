import { parseImageReference } from '../../../model/image-reference.ts';

/** Another registry that has what a registry has. */
export type RegistryMirror = {
  /** The registry as references name it. */
  readonly of: string;
  /** The mirror as references name it. */
  readonly domain: string;
  /** What stands before the names of its repositories: nothing, or a path with a slash at its end. */
  readonly prefix: string;
};

/** Reads `HOST[:PORT]=MIRROR[:PORT][/PREFIX]`; undefined for any other text. */
export function parseRegistryMirror(text: string): RegistryMirror | undefined {
  const [, host = '', domain = '', path = ''] = /^([^=/]+)=([^=/]+)((?:\/[^=/]+)*)\/?$/.exec(text) ?? [];
  // Both must be what a reference can name, and be told apart from a repository of Docker Hub.
  const of = parseImageReference(`${host}/some/name`);
  const mirror = parseImageReference(`${domain}${path}/name`);
  const isRegistry = of?.repository === 'some/name' && `/${mirror?.repository}`.endsWith(`${path}/name`);
  if (of === undefined || mirror === undefined || !isRegistry || mirror.domain !== domain) return undefined;
  return { of: of.domain, domain, prefix: path === '' ? '' : `${path.slice(1)}/` };
}
