import { HARBOR } from '../harbor/family.ts';
import { FIRST_GENERATION } from '../v1/first-generation/family.ts';
import { STABLE_GENERATION } from '../v1/stable-generation/family.ts';
import { V1_SHARED } from '../v1/family.ts';
import { V2 } from '../v2/family.ts';
import { V4 } from '../v4/family.ts';
import { WEBHOOK_FAMILY } from '../webhooks/family.ts';
import type { ApiFamily } from './api-family.ts';

/**
 * All API families, in the order of the OpenAPI document and of docs/reference/. An unknown path belongs to the first
 * family with a matching prefix.
 */
export const FAMILIES: readonly ApiFamily[] = [
  V1_SHARED,
  FIRST_GENERATION,
  STABLE_GENERATION,
  V2,
  V4,
  HARBOR,
  WEBHOOK_FAMILY,
];

/**
 * The authentication and errors of requests outside every prefix. Clients of both v1 generations can read these errors.
 */
export const OUTSIDE: Pick<ApiFamily, 'authentication' | 'errors'> = V1_SHARED;
