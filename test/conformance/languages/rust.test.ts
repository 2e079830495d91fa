/**
 * Builds Rust programs with cargo-auditable and crates from Debian packages, without crates.io, and compares their
 * crates with `cargo metadata`.
 */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { env } from 'node:process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rustPrograms } from '../../../src/worker/detectors/libraries/cargo/detector.ts';
import { works } from '../program.ts';
import { unpackedPackages } from './installed-libraries.ts';

const MISSING = [
  ...(works('cargo', ['--version']) ? [] : ['cargo (Debian package cargo)']),
  ...(works('apt-get', ['--version']) ? [] : ['apt-get with a Debian mirror']),
];
if (MISSING.length > 0) console.warn(`rust: SKIPPED the Rust programs, missing ${MISSING.join(' and ')}`);

/**
 * `cargo-auditable` adds the list of crates to programs; the other packages contain the crates that the programs need.
 */
const PACKAGES = ['cargo-auditable', 'librust-itoa-dev', 'librust-memchr-dev', 'librust-semver-dev'];

/** A program with crates from crates.io, a crate in a folder, and a crate only for its build script. */
const SOURCES: Readonly<Record<string, string>> = {
  'Cargo.toml': `
[package]
name = "clair-app"
version = "0.3.1-rc.1+build.5"
edition = "2021"

[dependencies]
itoa = "1"
memchr = { version = "2", default-features = false, optional = true }
helper = { path = "helper", version = "0.1" }

[build-dependencies]
semver = "1"

[features]
search = ["dep:memchr"]
`,
  'build.rs': 'fn main() { let _ = semver::Version::new(1, 2, 3); }\n',
  'src/main.rs': `
fn main() {
    println!("{}", itoa::Buffer::new().format(helper::number()));
    #[cfg(feature = "search")]
    println!("{:?}", memchr::memchr(b'a', b"ba"));
}
`,
  'helper/Cargo.toml': '[package]\nname = "helper"\nversion = "0.1.0"\nedition = "2021"\n',
  'helper/src/lib.rs': 'pub fn number() -> u32 { 7 }\n',
};

const run = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), 'clair-rust-'));
afterAll(() => rmSync(folder, { recursive: true }));

let path: string | undefined;
async function cargo(...args: readonly string[]): Promise<string> {
  const settings = { CARGO_HOME: join(folder, 'home'), CARGO_NET_OFFLINE: 'true', PATH: path };
  return (await run('cargo', args, { cwd: join(folder, 'app'), env: { ...env, ...settings } })).stdout;
}

beforeAll(() => {
  if (MISSING.length > 0) return;
  const unpacked = unpackedPackages(folder, ...PACKAGES);
  path = `${join(unpacked, 'usr/bin')}:${env['PATH']}`;
  const source = `[source.crates-io]\nreplace-with = "debian"\n[source.debian]\ndirectory = "${unpacked}/usr/share/cargo/registry"\n`;
  for (const [name, text] of Object.entries({ ...SOURCES, '.cargo/config.toml': source })) {
    mkdirSync(dirname(join(folder, 'app', name)), { recursive: true });
    writeFileSync(join(folder, 'app', name), text);
  }
});

type Metadata = {
  readonly packages: readonly {
    readonly id: string;
    readonly name: string;
    readonly version: string;
    readonly source: string | null;
  }[];
  readonly resolve: {
    readonly root: string;
    readonly nodes: readonly {
      readonly id: string;
      readonly deps: readonly {
        readonly pkg: string;
        readonly dep_kinds: readonly { readonly kind: string | null }[];
      }[];
    }[];
  };
};

/**
 * Returns the crates that are linked into the program: those that `cargo metadata` reaches without build dependencies.
 */
async function linkedCrates(features: readonly string[]): Promise<readonly string[]> {
  const printed = await cargo('metadata', '--format-version', '1', ...features);
  const { packages, resolve }: Metadata = JSON.parse(printed);
  const linked = new Set([resolve.root]);
  for (const id of linked) {
    for (const { pkg, dep_kinds: kinds } of resolve.nodes.find((node) => node.id === id)?.deps ?? []) {
      if (kinds.some(({ kind }) => kind === null)) linked.add(pkg);
    }
  }
  return packages
    .filter(({ id }) => linked.has(id))
    .map(({ name, version, source }) => `${name} ${version}${source === null ? ' vendored' : ''}`)
    .toSorted();
}

function readCrates(program: string): { readonly found: readonly string[]; readonly messages: readonly string[] } {
  const { features = [], diagnostics } = rustPrograms.read('usr/bin/app', readFileSync(program));
  const found = features.map(({ feature }) => {
    const flags = 'flags' in feature ? (feature.flags ?? []) : [];
    return [feature.name, feature.version, ...flags].join(' ');
  });
  return { found: found.toSorted(), messages: diagnostics.map(({ message }) => message) };
}

describe.skipIf(MISSING.length > 0)('the crates of a Rust program', { timeout: 180_000 }, () => {
  it.each([
    ['of a debug build', [], 'debug', []],
    [
      'of a stripped release build with a feature',
      ['--features', 'search'],
      'release',
      ['--release', '--config', 'profile.release.strip=true'],
    ],
  ])('%s equal those of cargo metadata', async (_, features, profile, options) => {
    await cargo('auditable', 'build', '--quiet', ...features, ...options);
    const { found, messages } = readCrates(join(folder, 'app/target', profile, 'clair-app'));
    expect(messages).toEqual([]);
    expect(found).toEqual(await linkedCrates(features));
    expect(found).toContain('clair-app 0.3.1-rc.1+build.5 vendored');
    expect(found.some((crate) => crate.startsWith('memchr '))).toBe(profile === 'release');
  });

  it('are not listed without cargo-auditable', async () => {
    await cargo('build', '--quiet');
    const { found, messages } = readCrates(join(folder, 'app/target/debug/clair-app'));
    expect({ found, messages }).toEqual({ found: [], messages: [] });
  });
});
