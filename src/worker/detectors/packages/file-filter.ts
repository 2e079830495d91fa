import type { PathPattern } from '../path-pattern.ts';
import type { FileFilter } from './owned-paths.ts';
import { pathEnds } from './path-ends.ts';

/**
 * Returns the filter of the paths that any of the patterns may match once links are resolved. Directories in a
 * package's paths may be links, so an exact path is compared only by its file name, and a directory of wanted files
 * only by its last name. An executable pattern matches files in program directories, and files without the extension of
 * text or data.
 */
export function fileFilterOf(patterns: readonly PathPattern[]): FileFilter {
  const names = new Map<string, string[]>();
  const suffixes: string[] = [];
  const directories = new Map<string, string[]>();
  let hasExecutables = false;
  const addName = (name: string, parentSuffix: string): void =>
    void names.set(name, [...(names.get(name) ?? []), parentSuffix]);
  for (const pattern of patterns) {
    if (pattern.kind === 'executable') hasExecutables = true;
    else if (pattern.kind === 'basename') addName(pattern.name, pattern.parentSuffix ?? '');
    else if (pattern.kind === 'exact') addName(baseOf(pattern.path), '');
    else if (pattern.kind === 'suffix') suffixes.push(pattern.suffix);
    else if (pattern.kind === 'children') {
      const name = baseOf(pattern.directory);
      directories.set(name, [...(directories.get(name) ?? []), pattern.suffix ?? '']);
    }
  }
  const wants = (directory: string, basename: string): boolean =>
    (names.get(basename)?.some((parentSuffix) => directory.endsWith(parentSuffix)) ?? false) ||
    suffixes.some((suffix) => basename.endsWith(suffix)) ||
    (directories.get(baseOf(directory))?.some((suffix) => basename.endsWith(suffix)) ?? false) ||
    (hasExecutables && mayBeExecutable(directory, basename));
  // Executables may have any name, and files in the root have no directory name to search for.
  if (hasExecutables || directories.has('') || suffixes.includes('')) return wants;
  return Object.assign(wants, { ends: pathEnds([...names.keys(), ...suffixes], [...directories.keys()]) });
}

const PROGRAM_DIRECTORIES: ReadonlySet<string> = new Set(['bin', 'sbin', 'libexec']);

/**
 * The extensions of most files of packages that are not programs. Other extensions are rare, and may be extensions of
 * programs, such as `Xorg.wrap`.
 */
const DATA_EXTENSIONS: ReadonlySet<string> = new Set(
  [
    'a adb ads al asc b bash bat bc beam bib bmp bst bz2 c cc cfg cls cmake cnf conf control cpp crt cs css csv ctl cxx',
    'd dat db def desktop dic diff dir dtd dtx el elc eln enc eot erl ex exs f f90 fd fish gemspec gif gir glade go golden gox',
    'gpg gresource gz h hh hi hpp hrl hs htm html hxx ico icns in inc inf info ini init inl input install ins its jar java jmod jpeg jpg',
    'js json jsx la less list lng log lua lz4 m m4 map md md5 mf mjs mk ml mli mo mod msg mount mp3 n nib nim npy odt ogg ogv',
    'otf owl page part patch path pak pc pcf pdf pem pfb pfm ph php phtml pl plist plt pm png po pod pom policy ppd pro',
    'properties proto ps ps1 py pyc pyi pyo pyx qm qml qph r rb rbs rc rd rda rdb rds rdx rdoc ref rhtml ri rng ronn rs rst rtf',
    'rules s sample scm scss sed service sh sig slice socket sql src st sty svg svgz swg sxd syms target tbl tcc tcl td template',
    'tex tfm tga theme tif tiff timer tmac tmpl toml trm ts tsv tsx ttc ttf twig txt typ typed ui utf vf vim vala vapi vsd wav',
    'webp wmf woff woff2 wxs xbm xhtml xib xml xpm xsd xsl xslt xul xz y yaml yml zip zsh zst ovf ofm afm map tpm lock',
  ].flatMap((line) => line.split(' ')),
);

/** An extension starts with a letter: `libx.so.1` and `python3.13` have no extension. */
function mayBeExecutable(directory: string, basename: string): boolean {
  const dot = basename.lastIndexOf('.');
  const first = dot === -1 ? 0 : basename.charCodeAt(dot + 1) | UPPER_TO_LOWER;
  if (!(first >= LOWER_A && first <= LOWER_Z) || !DATA_EXTENSIONS.has(basename.slice(dot + 1))) return true;
  return directory.split('/').some((name) => PROGRAM_DIRECTORIES.has(name));
}

const LOWER_A = 0x61;
const LOWER_Z = 0x7a;
const UPPER_TO_LOWER = 0x20;

function baseOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
