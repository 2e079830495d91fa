export type SecdbIdentifier = { readonly id: string; readonly aliases: readonly string[] };

/**
 * Parses an entry of a list of fixes, which consists of identifiers separated by blanks, commas or slashes, with
 * remarks in parentheses. Each CVE is a vulnerability, with the identifiers that are not CVEs as aliases. Without a
 * CVE, the first identifier is the vulnerability. Corrects misspelt identifiers (`CVE_2019-2426`,
 * `CVE-2017-8073.patch`, `CVE-2017-17434-1` for the first of two patches).
 *
 * @returns an empty list if there is no identifier, as in `CVE-????-?????`
 */
export function secdbIdentifiers(entry: string): readonly SecdbIdentifier[] {
  const words = entry
    .replaceAll(/\([^)]*\)?/g, ' ')
    .replaceAll(/\bCVE[\s_]+(?=\d{4}-\d)/gi, 'CVE-')
    .split(/[\s,;/]+/);
  const cves = new Set<string>();
  const others = new Set<string>();
  for (const word of words) {
    const [, number] = CVE.exec(word) ?? [];
    if (number !== undefined) cves.add(`CVE-${number}`);
    else if (OTHER.test(word)) others.add(word);
  }
  const aliases = [...others];
  if (cves.size > 0) return [...cves].map((id) => ({ id, aliases }));
  const [id, ...rest] = aliases;
  return id === undefined ? [] : [{ id, aliases: rest }];
}

const CVE = /^CVE-(\d{4}-\d{4,19})(?:-\d+|\.patch)?$/i;

/**
 * An identifier such as `XSA-284`, `wnpa-sec-2017-18`, `VSV00003` or `GHSA-cfgh-jmpq-rvwx`. The identifier starts with
 * a letter, and contains a digit or has the form of a GHSA ID.
 */
const OTHER = /^(?=[A-Za-z])(?:(?=[^\d]*\d)[A-Za-z0-9._-]{3,64}|GHSA(?:-[0-9a-z]{4}){3})$/;
