import { filePredicate } from '../../model/advisories/watched-file.ts';

/** Returns the name of a watched file as text, such as `etc/motd with a digest other than sha256:…`. */
export function fileWords(name: string): string {
  const { path, content } = filePredicate(name);
  if (path === undefined || content === undefined) return name;
  return `${path} with ${content.isEqual ? 'the digest' : 'a digest other than'} ${content.digest}`;
}

/** Returns a sentence that states how to fix a finding of a file rule. @param state the state of the watched file */
export function fileRemedy(name: string, state: string): string {
  if (state !== 'present') return `Add the file ${fileWords(name)}.`;
  const { path, content } = filePredicate(name);
  return path === undefined || content === undefined || content.isEqual
    ? `Remove the file ${fileWords(name)}.`
    : `Replace the file ${path} with a file that has the digest ${content.digest}.`;
}
