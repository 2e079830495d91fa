import { describe, expect, it } from 'vitest';
import { javaRuntimes } from './detector.ts';

const PATH = 'opt/java/release';

function read(...lines: readonly string[]) {
  const { features = [], diagnostics } = javaRuntimes.read(PATH, Buffer.from(`${lines.join('\n')}\n`));
  return { found: features.map(({ feature, path }) => `${feature.name} ${feature.version} at ${path}`), diagnostics };
}

describe('a Java runtime', () => {
  it.each([
    ['21.0.5+11-LTS', '21.0.5+11'],
    ['17.0.21+9-1-deb12u1-Debian', '17.0.21+9'],
    ['17.0.8.1+1', '17.0.8.1+1'],
    ['25+36', '25+36'],
    ['25-ea+30-2510', '25-ea+30'],
    ['11.0.21', '11.0.21'],
    ['1.8.0_392-b08', '8.0.392+8'],
    ['1.8.0_392-b5', '8.0.392+5'],
    ['1.8.0_05', '8.0.5'],
    ['1.8.0', '8.0.0'],
    ['8u392-b08', '8.0.392+8'],
    ['8u45', '8.0.45'],
    ['7u80-ea-b15', '7.0.80-ea+15'],
    ['17.0.2-LTS', '17.0.2'],
    ['11.0.20.1-LTS', '11.0.20.1'],
    ['11.0.2-BellSoft+7', '11.0.2+7'],
    ['17.0.2-internal+8', '17.0.2-internal+8'],
    ['17.0.2-beta+8-202201', '17.0.2-beta+8'],
    ['17.0.2+-LTS', '17.0.2'],
    ['11.0.4+11-post-Ubuntu-1ubuntu218.04.3', '11.0.4+11'],
    ['1.8.0_292-8u292-b10-0ubuntu1-b10', '8.0.292'],
    ['1.7.0_80-ea-b15', '7.0.80-ea+15'],
  ])('has its version: %s', (written, version) => {
    const found = [`openjdk ${version} at ${PATH}`];
    expect(read('IMPLEMENTOR="Eclipse Adoptium"', `JAVA_RUNTIME_VERSION="${written}"`)).toEqual({
      found,
      diagnostics: [],
    });
    expect(read(`JAVA_VERSION="${written}"\r`)).toEqual({ found, diagnostics: [] });
  });

  it.each([
    ['a build of OpenJDK by Oracle', ['IMPLEMENTOR="Oracle Corporation"', 'SOURCE=".:git:dfacda488bfb"'], 'openjdk'],
    [
      'a build that Oracle sells',
      ['IMPLEMENTOR="Oracle Corporation"', 'SOURCE=".:git:c90f8b open:git:2c2a5a"'],
      'oracle-jdk',
    ],
    ['Java 8 of Oracle', ['SOURCE=" .:git:c90f8b"', 'BUILD_TYPE="commercial"'], 'oracle-jdk'],
    ['another vendor', ['IMPLEMENTOR="Azul"', 'BUILD_TYPE="commercial"'], 'openjdk'],
  ])('is named by its vendor: %s', (_, lines, name) => {
    expect(read('JAVA_VERSION="17.0.9"', ...lines).found).toEqual([`${name} 17.0.9 at ${PATH}`]);
  });

  it('is not in another file of this name', () => {
    expect(read('NAME="Example"', 'VERSION=1')).toEqual({ found: [], diagnostics: [] });
  });

  it.each(['seventeen', '17.', '1.8.x', '17.0.1.', '1234567890', '8u', '8u392x', '1.8.0_x', '17.0.2-next', '1.2.3.4'])(
    'is listed and reported with a version of another form: %j',
    (version) => {
      const message = `the version "${version}" of the Java runtime cannot be compared, so the runtime was not matched`;
      const { features = [], diagnostics } = javaRuntimes.read(PATH, Buffer.from(`JAVA_RUNTIME_VERSION="${version}"`));
      expect(features).toEqual([{ feature: { type: 'generic', name: 'openjdk', version }, path: PATH }]);
      expect(diagnostics).toEqual([{ code: 'package-version-invalid', message, where: PATH }]);
    },
  );

  it('is reported with a version that is too long', () => {
    const { found, diagnostics } = read(`JAVA_RUNTIME_VERSION="21.${'0'.repeat(5000)}"`);
    expect(found).toEqual([]);
    expect(diagnostics).toEqual([expect.objectContaining({ code: 'library-unreadable', where: PATH })]);
  });

  it('is reported without a version', () => {
    const message = `"${PATH}" was skipped: it has an empty version`;
    const diagnostics = [{ code: 'library-unreadable', message, where: PATH }];
    expect(read('JAVA_RUNTIME_VERSION=""')).toEqual({ found: [], diagnostics });
  });
});
