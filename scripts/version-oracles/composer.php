<?php
// Compares pairs of versions with composer/semver (Debian package php-composer-semver); see ask-program.ts.
require 'Composer/Semver/autoload.php';

use Composer\Semver\Comparator;
use Composer\Semver\VersionParser;

$parser = new VersionParser();
$normal = function ($version) use ($parser) {
    try {
        return $parser->normalize($version);
    } catch (UnexpectedValueException $error) {
        return 'dev-invalid';
    }
};

while (($line = fgets(STDIN)) !== false) {
    [$a, $b] = array_map($normal, explode("\t", rtrim($line, "\n")));
    // Composer compares a branch with no version.
    if (strpos($a, 'dev-') === 0 || strpos($b, 'dev-') === 0) {
        echo "x\n";
    } elseif (Comparator::equalTo($a, $b)) {
        echo "0\n";
    } else {
        echo Comparator::lessThan($a, $b) ? "-1\n" : "1\n";
    }
}
