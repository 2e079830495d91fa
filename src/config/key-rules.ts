/** Tells what is wrong at a key. */
type Diagnostic = (path: string, what: string) => void;

/** What keys demand of each other, whatever each of them says. `values` are by the path of the key. */
export function checkKeyRules(values: ReadonlyMap<string, unknown>, diagnostic: Diagnostic): void {
  const has = (path: string): boolean => values.has(path);
  const needs = (path: string, other: string): void => {
    if (has(path) && !has(other)) diagnostic(path, `${path} needs ${other}`);
  };

  const named = values.get('database.type');
  const type = typeof named === 'string' ? named : 'sqlite';
  for (const [path, only] of [
    ['database.path', 'sqlite'],
    ['database.source', 'postgres'],
    ['database.sourcefile', 'postgres'],
  ] as const) {
    if (has(path) && type !== only) {
      diagnostic(path, `${path} has no effect where database.type is ${type}: leave one out`);
    }
  }
  if (type === 'postgres' && !has('database.source') && !has('database.sourcefile')) {
    diagnostic('database.type', 'database.type postgres needs database.source: the address of the database');
  }
  for (const map of ['api', 'client', 'notifier.http', 'notifier.amqp']) {
    needs(`${map}.certfile`, `${map}.keyfile`);
    needs(`${map}.keyfile`, `${map}.certfile`);
  }
  // What is for one server is never sent to another one.
  for (const key of ['token', 'tokenfile', 'cafile', 'certfile']) needs(`client.${key}`, 'client.server');
  // Without encryption no client would show a certificate, and everybody would come in.
  needs('api.cafile', 'api.certfile');
  for (const map of ['api.auth.psk', 'api.auth.readonly']) {
    const issuers = values.get(`${map}.iss`);
    const isNamed = Array.isArray(issuers) && issuers.length > 0;
    const key = [`${map}.key`, `${map}.keyfile`].find(has);
    if (key !== undefined && !isNamed)
      diagnostic(key, `${key} needs ${map}.iss: the issuers whose tokens are accepted`);
    if (key === undefined && isNamed) diagnostic(`${map}.iss`, `${map}.iss needs ${map}.key or ${map}.keyfile`);
  }
  const mayRead = ['api.auth.readonly.key', 'api.auth.readonly.keyfile'].find(has);
  if (mayRead !== undefined && !has('api.auth.psk.key') && !has('api.auth.psk.keyfile')) {
    diagnostic(mayRead, `${mayRead} needs api.auth.psk.key: without it nobody could write`);
  }
}
