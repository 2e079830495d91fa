/** Writes a stanza as dpkg does; undefined omits a field. */
export function stanza(fields: Readonly<Record<string, string | undefined>> = {}): string {
  return Object.entries({
    Package: 'a',
    Status: 'install ok installed',
    Architecture: 'amd64',
    Version: '1',
    ...fields,
  })
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}: ${value}\n`)
    .join('');
}
