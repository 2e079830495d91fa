/**
 * All diagnostics. A diagnostic is a condition that the reader of a result must know. A diagnostic with `incomplete`
 * means that findings may be missing, and causes exit status 3. `meaning` states when the diagnostic occurs; `remedy`
 * states what the reader can do. docs/reference/diagnostics.md is generated from this table.
 */
const TABLE = {
  'distribution-absent': {
    incomplete: false,
    meaning: 'The image or directory has language packages, but Clair found no operating system.',
    remedy: 'Nothing to do. If the image has an operating system, keep etc/os-release and the package database.',
  },
  'distribution-unknown': {
    incomplete: true,
    meaning:
      'No operating system was found, so distribution packages are listed but not matched; or the image has no layers.',
    remedy:
      'Keep etc/os-release in the image. For an image `FROM scratch` without packages, use `--allow-no-distribution`.',
  },
  'namespace-without-data': {
    incomplete: true,
    meaning: 'No feed covers this release, or its feed is not downloaded yet, so its packages were not checked.',
    remedy:
      'If the message names a feed, run `clair update --feed NAME`. docs/reference/coverage.md lists the supported releases.',
  },
  'feed-record-skipped': {
    incomplete: true,
    meaning: 'A feed has entries that were skipped in whole or in part, so their vulnerabilities may be missing.',
    remedy:
      'Run `clair feeds -f json` to see examples. If the newest version of Clair also skips an entry, report a bug in Clair.',
  },
  'feed-record-inexact': {
    incomplete: false,
    meaning: 'Findings are based on advisories that Clair could read only in part and applied as broadly as possible.',
    remedy: 'Check the advisory of each named finding.',
  },
  'feed-undecided': {
    incomplete: false,
    meaning: 'A feed has not decided, or cannot decide, whether packages of the image are affected.',
    remedy: 'Scan again later. The JSON report lists the packages in `undecided`.',
  },
  'feed-stale': {
    incomplete: true,
    meaning: 'The data of a feed is older than `updater.staleAfter`, so newer advisories may be missing.',
    remedy: 'Run `clair update`, or import a newer export.',
  },
  'feed-update-failed': {
    incomplete: true,
    meaning: 'The requested update of a feed failed, so newer advisories may be missing.',
    remedy: 'Correct the error in the message and run the command again.',
  },
  'enrichment-update-failed': {
    incomplete: false,
    meaning: 'The update of NVD, EPSS or KEV data failed, so severities and risks use older data or no data.',
    remedy: 'Correct the error in the message and run the command again.',
  },
  'feed-update-refused': {
    incomplete: true,
    meaning: 'A feed shrank, so its update was refused; the report uses older data and may lack newer advisories.',
    remedy: 'Wait for a corrected feed, or accept the smaller feed with `clair update --feed NAME --allow-shrink`.',
  },
  'file-rule-pending': {
    incomplete: true,
    meaning: 'A new file rule does not apply yet, because not all stored layers have been searched for its files.',
    remedy: 'Wait until `clair file-rules list` shows that the rule is indexed, and request the report again.',
  },
  'file-state-unknown': {
    incomplete: true,
    meaning: 'The analysis could not determine whether the image contains a file that file rules name.',
    remedy:
      'Check the file manually. The reason is an unreadable layer, a layer whose list of members exceeds its limit, or a link whose target is not stored. Of an SBOM or a scanned directory, Clair does not know all files.',
  },
  'file-digests-missing': {
    incomplete: true,
    meaning: 'File rules check the content of files, but layers of the image were indexed without file digests.',
    remedy: 'Set `worker.fileDigests` to `true` and submit the image again, or run `clair reindex` for all images.',
  },
  'package-database-unreadable': {
    incomplete: true,
    meaning: 'A package database, or a list of installed NuGet or Composer packages, could not be read.',
    remedy: 'Rebuild the image. If the package manager can read the database, report a bug in Clair.',
  },
  'package-database-missing': {
    incomplete: true,
    meaning: 'No package database was found, or it is empty, so no distribution packages were matched.',
    remedy:
      'Keep the package database in the image. For an image `FROM scratch` without packages, use `--allow-no-distribution`.',
  },
  'package-database-removed': {
    incomplete: true,
    meaning: 'A layer removes, empties or damages the package database, so the installed packages are unknown.',
    remedy: 'Do not delete the package database in a Dockerfile.',
  },
  'package-entry-unreadable': {
    incomplete: true,
    meaning: 'An entry of a package database, or of a list of installed packages, is invalid and was skipped.',
    remedy: 'Reinstall the package that the entry belongs to.',
  },
  'package-flags-unreadable': {
    incomplete: false,
    meaning: 'A list of installed packages is invalid or too long, so packages may lack the flags `dev` and `bundled`.',
    remedy: 'Install the packages again.',
  },
  'project-unreadable': {
    incomplete: true,
    meaning: 'A project keeps packages in a form that Clair does not read, so these packages are not listed.',
    remedy: "Install the packages into `node_modules`: for Yarn Plug'n'Play, set `nodeLinker: node-modules`.",
  },
  'package-limit-reached': {
    incomplete: true,
    meaning:
      'A package database, a file, a layer or an image exceeds a limit on the number of packages or the size of files; the remaining packages were not matched.',
    remedy: 'Split the image, or scan its parts.',
  },
  'package-version-invalid': {
    incomplete: true,
    meaning: 'The version of a package or of its source package is invalid, so the package was not matched.',
    remedy: 'Check the package manually, or reinstall it with a valid version.',
  },
  'owned-binary-unidentified': {
    incomplete: false,
    meaning:
      'The packages in a program could not be read. A package of the distribution owns the program, so the advisories of the distribution apply.',
    remedy: 'Nothing to do.',
  },
  'owner-not-covered': {
    incomplete: false,
    meaning:
      'Language packages were matched with the advisories of their ecosystems, because no feed covers the distribution packages that own them, or the release is past its end of life.',
    remedy:
      'Check whether the vendor of the owning package fixed the vulnerabilities without changing the version of the language package.',
  },
  'package-module-unknown': {
    incomplete: true,
    meaning: 'A package was built in a module but does not name the module, so it was not matched.',
    remedy: 'Check the package manually.',
  },
  'package-third-party': {
    incomplete: true,
    meaning: 'Packages were not built by the distribution, so no feed covers them and they were not checked.',
    remedy: 'Check the advisories of their vendors, or install the packages from the distribution.',
  },
  'package-not-covered': {
    incomplete: true,
    meaning: 'The image has packages of a kind for which no feed has advisories, so they were not checked.',
    remedy:
      'Check the advisories of the projects that publish the packages, or install the packages from the distribution.',
  },
  'package-half-configured': {
    incomplete: false,
    meaning:
      'A package is on disk, but its configuration is unfinished. Clair matches the package like an installed package.',
    remedy: 'Run `dpkg --configure -a` in the build of the image.',
  },
  'sbom-components-judged': {
    incomplete: false,
    meaning: 'The diagnostic states how many components of an SBOM were checked, and which information the SBOM lacks.',
    remedy: 'Nothing to do.',
  },
  'sbom-component-not-judged': {
    incomplete: true,
    meaning: 'Components of an SBOM could not be checked, because the SBOM does not identify them well enough.',
    remedy: 'Create the SBOM with a tool that writes package URLs with versions, or scan the image.',
  },
  'sbom-incomplete': {
    incomplete: true,
    meaning: 'An SBOM states that components are missing from it.',
    remedy: 'Scan the image, or create the SBOM of the whole image.',
  },
  'sbom-subject-differs': {
    incomplete: true,
    meaning:
      'An SBOM names an image other than the requested image, names no image, or names an image by a digest of another algorithm.',
    remedy: 'Create the SBOM of this image, or scan the image.',
  },
  'sbom-version-unknown': {
    incomplete: true,
    meaning: 'An SBOM has a newer version of its format than this release of Clair supports, so parts may be missing.',
    remedy: 'Upgrade Clair, or write the SBOM in an older version of its format.',
  },
  'sbom-statements-unused': {
    incomplete: false,
    meaning: 'An SBOM has VEX statements that suppress nothing.',
    remedy:
      'Apply the statements of an author that you trust with `--sbom-vex`. The author must name the packages by `bom-ref` or package URL, and justify `not_affected`.',
  },
  'sbom-unverified': {
    incomplete: false,
    meaning: 'An SBOM is in a signed envelope, whose signature was not checked.',
    remedy: 'Check the signature, for example with `cosign verify-attestation`.',
  },
  'attestation-read': {
    incomplete: false,
    meaning:
      'With `--attestations`, the diagnostic states which documents are attached to the image. Clair does not check signatures.',
    remedy: 'Nothing to do.',
  },
  'attestation-differs': {
    incomplete: false,
    meaning:
      'The packages in an SBOM attached to the image differ from the packages in the layers; only the layers determine the report.',
    remedy: 'Scan the SBOM with `clair scan sbom:FILE` to check the packages that only the SBOM names.',
  },
  'attestation-unused': {
    incomplete: false,
    meaning:
      'A document attached to the image is of an unknown type, is not about this platform, or has VEX statements that suppress nothing.',
    remedy:
      'If the message names VEX statements of an author that you trust, apply the statements with `--attestations --sbom-vex`.',
  },
  'attestation-unreadable': {
    incomplete: false,
    meaning: 'Documents attached to the image could not be listed or read, or exceed a limit.',
    remedy: 'Check the error in the message and the access to the registry. The packages of the layers were matched.',
  },
  'attestation-vex-unread': {
    incomplete: true,
    meaning:
      'With `--sbom-vex`, attached documents could not be listed or read: they may revoke VEX statements that suppress findings.',
    remedy: 'Check the error in the message and the access to the registry, or scan without `--sbom-vex`.',
  },
  'package-source-unknown': {
    incomplete: true,
    meaning:
      'An SBOM names no source packages, but advisories do. Findings may be missing for packages whose name differs from the name of their source package.',
    remedy: 'Create the SBOM with a tool that writes the qualifier `upstream`, or scan the image.',
  },
  'package-epoch-unknown': {
    incomplete: true,
    meaning:
      'An SBOM lacks epochs of rpm packages, or probably lacks them, so it is unknown whether some packages are affected.',
    remedy: 'Create the SBOM with a tool that writes the qualifier `epoch`, or scan the image.',
  },
  'library-unreadable': {
    incomplete: true,
    meaning:
      'A file that describes an installed library is invalid or does not name the library, so the library was not matched.',
    remedy: 'Check the library manually, or reinstall it.',
  },
  'library-version-uncertain': {
    incomplete: false,
    meaning:
      'The version of a library may be wrong: the library was installed from a repository or directory, or its version was derived from other files.',
    remedy: 'Check the advisories of the library manually, or install a release.',
  },
  'library-version-unknown': {
    incomplete: true,
    meaning: 'An archive contains a library or its classes without a version, so the library was not matched.',
    remedy: 'Check the library manually, or build the archive with the descriptors of its libraries.',
  },
  'library-without-advisories': {
    incomplete: false,
    meaning:
      'An archive contains a library without a version. The result is still complete, because no advisory names a library in the same domain (such as `org.example` for the group `org.example.web`).',
    remedy: 'Nothing to do.',
  },
  'archive-unreadable': {
    incomplete: true,
    meaning: 'An archive is damaged or exceeds a limit, so libraries in it may be missing.',
    remedy: 'Check the archive manually, or build it again. docs/reference/limits.md lists the limits.',
  },
  'binary-unidentified': {
    incomplete: true,
    meaning:
      'A program or its libraries were not matched. The program is packed, has no readable list of its libraries, or is a hard link whose content could not be read again.',
    remedy: 'Build Go programs with modules, and do not pack programs; otherwise check the program manually.',
  },
  'executable-origin-unknown': {
    incomplete: false,
    meaning:
      'A layer has programs that no package owns and in which no packages were found, so their vulnerabilities are unknown.',
    remedy:
      'Install the programs with a package, or describe them with a classifier (`--classifiers`). Otherwise check the programs manually.',
  },
  'file-list-unreadable': {
    incomplete: false,
    meaning: 'A package file list has invalid entries, so the owners of some files are unknown.',
    remedy: 'Reinstall the package that the file list belongs to.',
  },
  'file-list-limit-reached': {
    incomplete: false,
    meaning: 'Package file lists, diversions or links exceed a limit, so the owners of some or all files are unknown.',
    remedy: 'No action is required: the packages themselves were matched.',
  },
  'link-unresolved': {
    incomplete: true,
    meaning:
      'A file that Clair needs is a link. The target is not in the layers, the layers could not be read again to find the target, or there are too many links to follow.',
    remedy: 'Scan the whole image from the registry or a complete archive, or fix the link.',
  },
  'release-file-unreadable': {
    incomplete: true,
    meaning: 'A file that names the operating system could not be read.',
    remedy: 'Restore the file, such as etc/os-release.',
  },
  'release-ambiguous': {
    incomplete: false,
    meaning: 'Debian testing and unstable could not be distinguished; packages were matched as unstable.',
    remedy: 'Keep the apt sources in the image.',
  },
  'release-end-of-life': {
    incomplete: true,
    meaning: 'The release is past its end of life, so no feed states whether newer vulnerabilities affect the release.',
    remedy: 'Move to a supported release, or accept the release with `--allow-eol`.',
  },
  'release-mixed': {
    incomplete: true,
    meaning: 'Packages of another release may be installed, but all packages were matched as one release.',
    remedy: 'Use only repositories of one release.',
  },
  'layer-absent': {
    incomplete: true,
    meaning: 'A layer could not be read, so its packages are unknown.',
    remedy: 'Provide all layers, for example in an archive of the whole image.',
  },
  'layer-read-in-part': {
    incomplete: false,
    meaning:
      'Only parts of layers were read. Clair verified the parts with the digests in the table of contents of each layer, but a forged table could omit files that runtimes use.',
    remedy: 'To verify the layers, scan without `--partial-fetch`, or remove `worker.partialFetch`.',
  },
  'layer-parts-unproven': {
    incomplete: true,
    meaning:
      'Parts of a layer without a tar-split, such as an eStargz layer, were read. The table of contents may list other files than the layer has, and most runtimes use the whole layer.',
    remedy: 'Scan without `--partial-fetch`, or remove `=any` from `worker.partialFetch`.',
  },
  'layer-views-differ': {
    incomplete: true,
    meaning:
      'A layer that was read in part before was now read as a whole, and has other packages than its table of contents shows. The report is about the whole layer; runtimes that use the table of contents see the other packages.',
    remedy: 'Do not use the image, and find out who built it: the difference can indicate an attack.',
  },
  'layer-parts-refused': {
    incomplete: false,
    meaning:
      'Parts of a layer could not be read, so the whole layer was read and verified. The message states the reason.',
    remedy:
      'If the table of contents contradicts the layer, check how the image was built: the difference can indicate an attack.',
  },
  'content-manifest-unreadable': {
    incomplete: false,
    meaning: 'A content manifest, which names the repositories of packages, is invalid, or was read only in part.',
    remedy: 'Rebuild the image from an unmodified base image.',
  },
  'content-set-unknown': {
    incomplete: true,
    meaning:
      'The products of a repository are unknown, or an SBOM names no repositories, so advisories for some products were not matched.',
    remedy:
      'Update the feed `redhat`, which contains the list of repositories. If an SBOM names no repositories, scan the image.',
  },
  'suppression-expired': {
    incomplete: false,
    meaning: 'Ignore rules have expired, so their findings are reported again.',
    remedy: 'Remove the rules, or set a later date in `expires`.',
  },
  'suppression-unmatched': {
    incomplete: false,
    meaning: 'Ignore rules or VEX statements match no finding, so they are wrong or no longer needed.',
    remedy: 'Correct or remove the rules or statements that the message names.',
  },
  'suppression-unreadable': {
    incomplete: false,
    meaning:
      'A changed ignore file or VEX document is invalid, so the previous rules stay in effect; or the database contains ignore rules that this release cannot read.',
    remedy:
      'Correct the file that the message names. For ignore rules in the database, end the named rules, or upgrade Clair.',
  },
  'findings-hidden': {
    incomplete: false,
    meaning:
      'The options `--severity`, `--only-fixed`, `--type` or `--reachable` hide findings. `counts` still counts them.',
    remedy: 'Omit the options to list all findings.',
  },
  'entries-outside-root': {
    incomplete: false,
    meaning: 'Archive members with paths outside the root were ignored.',
    remedy: 'Check how the image was built: such members can indicate an attack.',
  },
} as const;

export type DiagnosticCode = keyof typeof TABLE;

export const DIAGNOSTICS: Readonly<
  Record<DiagnosticCode, { readonly incomplete: boolean; readonly meaning: string; readonly remedy: string }>
> = TABLE;

export type Diagnostic = {
  readonly code: DiagnosticCode;
  readonly message: string;
  /** The subject of the diagnostic, such as a path in the image, a layer, a namespace or a feed. */
  readonly where: string;
};

/** Returns whether findings may be missing from a result with these diagnostics. */
export function isIncomplete(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some((diagnostic) => DIAGNOSTICS[diagnostic.code].incomplete);
}
