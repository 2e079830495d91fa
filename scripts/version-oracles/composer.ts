/**
 * Determines the order of versions with composer/semver on PHP 8.4 (Debian packages php-composer-semver and php-cli):
 * `npx tsx scripts/version-oracles/composer.ts [FEED …]`.
 */
import { composer } from '../../src/versions/composer.ts';
import { COMPOSER_PIECES, composerVersions } from '../../src/versions/testing/composer-rule.ts';
import { askProgram } from './ask-program.ts';
import { refreshAnswers } from './oracle-answers.ts';

await refreshAnswers({
  scheme: composer,
  file: 'composer-order.txt',
  comment:
    'The order of composer/semver on PHP 8.4 (Debian packages php-composer-semver and php-cli); see scripts/version-oracles/composer.ts',
  compare: async (pairs) => askProgram('php', 'composer.php', pairs),
  randomVersions: composerVersions(),
  pieces: COMPOSER_PIECES,
});
