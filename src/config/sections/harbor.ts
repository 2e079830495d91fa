import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { type ConfigSection, mapOf } from '../config-key.ts';
import { secretFileKey, secretKey } from '../key-forms.ts';

/** The scanner adapter for Harbor. */
export type HarborConfig = {
  readonly incomplete: 'error' | 'report';
  readonly sbom: boolean;
  readonly native: boolean;
  readonly basic?: string;
  readonly apikey?: string;
};

/** The maximum length of a credential that Harbor can store. */
const MAX_CREDENTIAL = 512;

const KEYS = mapOf({
  incomplete: Type.Enum(['error', 'report'], {
    default: 'error',
    title: 'error or report',
    description:
      'Result for an image whose packages Clair could not check, or whose incomplete report has no findings: a failed scan (`error`) or the report (`report`)',
  }),
  sbom: Type.Boolean({
    default: true,
    title: 'true or false',
    description: 'Create SBOMs for Harbor; Harbor before 2.11 requires false',
  }),
  native: Type.Boolean({
    default: false,
    title: 'true or false',
    description: 'Offer the native report 1.0 instead of the generic report 1.1; Harbor before 2.2 requires true',
  }),
  basic: secretKey(
    'USER:PASSWORD of at most 512 characters',
    'Credentials that Harbor can send as basic authentication',
    {
      accepts: (text) => /^[^:\s]+:.+$/.test(text) && text.length <= MAX_CREDENTIAL,
    },
  ),
  basicfile: secretFileKey('basic'),
  apikey: secretKey('text of 16 to 512 characters', 'API key that Harbor can send', {
    accepts: (text) => text.length >= 16 && text.length <= MAX_CREDENTIAL,
  }),
  apikeyfile: secretFileKey('apikey'),
});

/** The section `harbor`. */
export const HARBOR: ConfigSection<HarborConfig> = {
  name: 'harbor',
  keys: KEYS,
  checked: (value) => (Value.Check(KEYS, value) ? value : undefined),
};
