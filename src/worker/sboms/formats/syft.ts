import type { Digest } from '../../../model/digest.ts';
import { digestsIn } from '../sbom-subject.ts';
import { type JsonObject, objectOf, objectsOf, textOf, textsOf } from '../../../model/json-values.ts';
import { given } from './named-facts.ts';
import type { SbomComponent, SbomFacts } from '../sbom-document.ts';

/** Returns the component that an artifact in Syft JSON describes. */
export function syftComponent(value: JsonObject): SbomComponent {
  const { id, type, name, version, purl, metadata, locations } = value;
  const facts = objectOf(metadata);
  const source = sourceOf(facts);
  const paths = objectsOf(locations).map(({ path }) => textOf(path));
  const isSystemPackage = ['deb', 'apk', 'rpm'].includes(textOf(type));
  return {
    ref: textOf(id),
    type: textOf(type),
    name: textOf(name),
    version: textOf(version),
    purl: textOf(purl),
    facts: {
      ...(source !== undefined && { source }),
      ...given('sourceFile', textOf(facts['sourceRpm'])),
      ...given('epoch', textOf(facts['epoch'])),
      ...given('module', textOf(facts['modularityLabel'])),
      ...given('vendor', textOf(facts['vendor'])),
      // The locations of a system package are the files of the package database.
      ...(!isSystemPackage && paths.length > 0 && { paths }),
    },
  };
}

function sourceOf({ source, sourceVersion, originPackage }: JsonObject): SbomFacts['source'] {
  const name = textOf(source) || textOf(originPackage);
  return name === '' ? undefined : { name, ...given('version', textOf(sourceVersion)) };
}

/** Returns the operating system from Syft JSON; undefined if there is none. */
export function syftSystem(value: JsonObject): SbomComponent | undefined {
  const { id, versionID, versionCodename } = value;
  if (textOf(id) === '') return undefined;
  const version = textOf(versionID);
  const release = { id: textOf(id), ...given('version', version), ...given('codename', textOf(versionCodename)) };
  return { ref: 'distro', type: 'operating-system', name: textOf(id), version, purl: '', facts: { release } };
}

/** Returns the digests of the image in the `source` member of Syft JSON. */
export function syftDigests({ metadata, target }: JsonObject): readonly Digest[] {
  const { imageID, manifestDigest, repoDigests } = objectOf(metadata ?? target);
  return digestsIn([textOf(imageID), textOf(manifestDigest), ...textsOf(repoDigests)]);
}
