/** A shared framework, which applications on one machine use together. */
export type SharedFramework = { readonly name: string; readonly version: string };

/** The frameworks of Microsoft, which are packages of NuGet for each runtime. */
const FRAMEWORK = /^Microsoft\.(?:NETCore|AspNetCore|WindowsDesktop)\.App$/;

/**
 * Returns the shared framework that a `*.deps.json` file describes: `shared/NAME/VERSION/NAME.deps.json`. Undefined for
 * another file.
 */
export function sharedFrameworkAt(path: string): SharedFramework | undefined {
  const [shared, name = '', version = '', file] = path.split('/').slice(-4);
  if (shared !== 'shared' || file !== `${name}.deps.json` || version === '') return undefined;
  return FRAMEWORK.test(name) ? { name, version } : undefined;
}

/** The processor is the last part of a runtime identifier: `linux-musl-x64`, `rhel.8-arm64`. */
const PROCESSOR = /-(x64|x86|arm64|arm|armv6|s390x|ppc64le|riscv64|loongarch64)$/;

/** The runtime that most images have, where a framework names none. */
const USUAL_RUNTIME = 'linux-x64';

/**
 * Returns the package of NuGet with the files of a framework, which advisories name. Distributions that build .NET use
 * runtime identifiers of their own, such as `alpine.3.20-x64`; packages have the portable ones.
 *
 * @param runtime the runtime identifier in the file; undefined for none
 */
export function runtimePackage(framework: string, runtime: string | undefined): string {
  return `${framework}.Runtime.${portable(runtime)}`;
}

function portable(runtime: string | undefined): string {
  const processor = runtime === undefined ? undefined : PROCESSOR.exec(runtime)?.[1];
  if (runtime === undefined || processor === undefined) return USUAL_RUNTIME;
  if (/^(?:linux|linux-musl|linux-bionic|win|osx|freebsd)-[^-]+$/.test(runtime)) return runtime;
  return `${/^alpine|-musl-/.test(runtime) ? 'linux-musl' : 'linux'}-${processor}`;
}
