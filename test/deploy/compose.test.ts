import { readFileSync } from 'node:fs';
import { Value } from 'typebox/value';
import { Type } from 'typebox';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { installedProgram } from '../fixtures/installed-program.ts';

const compose = installedProgram('docker-compose', 'docker-compose');

const SERVICE = Type.Object({
  image: Type.String(),
  user: Type.Optional(Type.String()),
  read_only: Type.Optional(Type.Boolean()),
  cap_drop: Type.Optional(Type.Array(Type.String())),
  security_opt: Type.Optional(Type.Array(Type.String())),
  healthcheck: Type.Optional(Type.Unknown()),
  ports: Type.Optional(Type.Array(Type.Object({ host_ip: Type.Optional(Type.String()) }))),
  networks: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
  depends_on: Type.Optional(Type.Record(Type.String(), Type.Object({ condition: Type.String() }))),
  environment: Type.Optional(Type.Record(Type.String(), Type.String())),
});
const FILE = Type.Object({
  services: Type.Record(Type.String(), SERVICE),
  networks: Type.Record(Type.String(), Type.Unknown()),
});

function read(): Type.Static<typeof FILE> {
  const { status, said } = compose('--file', 'deploy/compose/compose.yaml', 'config', '--format', 'json');
  if (status !== 0) throw new Error(said);
  return Value.Parse(FILE, JSON.parse(said));
}

const { services } = read();

it.each(Object.entries(services))('%s has no unneeded privileges', (_name, service) => {
  expect(service).toMatchObject({
    read_only: true,
    cap_drop: ['ALL'],
    security_opt: ['no-new-privileges:true'],
  });
  expect(service.image).toMatch(/:v?\d+\.\d+/);
  expect((service.ports ?? []).filter(({ host_ip: host }) => host !== '127.0.0.1')).toEqual([]);
});

it("checks the health of each service; Clair's check is the check of its image", () => {
  const without = Object.entries(services).filter(([, { healthcheck }]) => healthcheck === undefined);
  expect(without.map(([name]) => name)).toEqual(['clair']);
  expect(readFileSync('deploy/Dockerfile', 'utf8')).toContain('\nHEALTHCHECK ');
});

it('starts the instances after the migration, and nginx after an instance is ready', () => {
  const conditions = Object.entries(services).map(([name, { depends_on: needed = {} }]) => [
    name,
    Object.entries(needed).map(([other, { condition }]) => `${other} ${condition}`),
  ]);
  expect(Object.fromEntries(conditions)).toMatchObject({
    migration: ['postgres service_healthy'],
    clair: ['migration service_completed_successfully'],
    nginx: ['clair service_healthy'],
  });
});

it('lets only the instances reach the database', () => {
  const inDatabase = Object.entries(services).filter(([, { networks = {} }]) => 'database' in networks);
  expect(inDatabase.map(([name]) => name).toSorted()).toEqual(['clair', 'migration', 'postgres']);
  expect(Object.keys(services['postgres']?.networks ?? {})).toEqual(['database']);
});

it("has no secret in an environment variable or in Clair's configuration", () => {
  const variables = Object.values(services).flatMap(({ environment = {} }) => Object.keys(environment));
  expect(variables.filter((name) => /PASSWORD|SECRET|KEY/.test(name) && !name.endsWith('FILE'))).toEqual([]);
  const { api, database } = parse(readFileSync('deploy/compose/clair.yaml', 'utf8')) as Record<string, object>;
  expect([api, database]).toEqual([
    {
      hosts: ['nginx', 'clair'],
      paginationkeyfile: '/run/secrets/pagination-key',
      auth: { psk: { keyfile: '/run/secrets/psk-key', iss: ['clair'] } },
    },
    { type: 'postgres', sourcefile: '/run/secrets/database-source' },
  ]);
});
