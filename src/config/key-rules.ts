/** Receives a fault of a key. */
type Diagnostic = (path: string, what: string) => void;

/** Checks the rules for keys that require or exclude each other. `values` contains the values by key path. */
export function checkKeyRules(values: ReadonlyMap<string, unknown>, diagnostic: Diagnostic): void {
  const has = (path: string): boolean => values.has(path);
  const needs = (path: string, other: string): void => {
    if (has(path) && !has(other)) diagnostic(path, `${path} requires ${other}`);
  };

  const named = values.get('database.type');
  const type = typeof named === 'string' ? named : 'sqlite';
  for (const [path, only] of [
    ['database.path', 'sqlite'],
    ['database.source', 'postgres'],
    ['database.sourcefile', 'postgres'],
    ['database.replica', 'postgres'],
    ['database.replicafile', 'postgres'],
    ['database.replicalag', 'postgres'],
  ] as const) {
    if (!has(path) || type === only) continue;
    const remedy = named === undefined ? `set database.type to ${only}` : 'remove one of these keys';
    diagnostic(path, `${path} has no effect with database.type ${type}: ${remedy}`);
  }
  if (type === 'postgres' && !has('database.source') && !has('database.sourcefile')) {
    diagnostic(
      'database.type',
      'database.type postgres requires database.source or database.sourcefile, the connection string',
    );
  }
  if (!has('database.replicafile')) needs('database.replicalag', 'database.replica');
  // The key applies only to the configured reference, so `clair db pull REFERENCE` would verify nothing.
  needs('updater.databaseKey', 'updater.database');
  for (const map of ['api', 'client', 'notifier.http', 'notifier.amqp', 'notifier.v4']) {
    needs(`${map}.certfile`, `${map}.keyfile`);
    needs(`${map}.keyfile`, `${map}.certfile`);
  }
  // Clair sends the credentials only to the server in `client.server`, so each of these keys requires the address.
  for (const key of ['token', 'tokenfile', 'cafile', 'certfile']) needs(`client.${key}`, 'client.server');
  // Without TLS, clients cannot have certificates, so the server would accept every client.
  needs('api.cafile', 'api.certfile');
  for (const map of ['api.auth.psk', 'api.auth.readonly']) {
    const issuers = values.get(`${map}.iss`);
    const isNamed = Array.isArray(issuers) && issuers.length > 0;
    const key = [`${map}.key`, `${map}.keyfile`].find(has);
    if (key !== undefined && !isNamed) diagnostic(key, `${key} requires ${map}.iss, the accepted token issuers`);
    if (key === undefined && isNamed) diagnostic(`${map}.iss`, `${map}.iss requires ${map}.key or ${map}.keyfile`);
  }
  const signed = 'notifier.v4.signed';
  if (values.get(signed) === true && !has('api.auth.psk.key') && !has('api.auth.psk.keyfile')) {
    diagnostic(signed, `${signed} requires api.auth.psk.key or api.auth.psk.keyfile, the key that signs tokens`);
  }
  const mayRead = ['api.auth.readonly.key', 'api.auth.readonly.keyfile'].find(has);
  if (mayRead !== undefined && !has('api.auth.psk.key') && !has('api.auth.psk.keyfile')) {
    diagnostic(mayRead, `${mayRead} requires api.auth.psk.key or api.auth.psk.keyfile, so that clients can write`);
  }
}
