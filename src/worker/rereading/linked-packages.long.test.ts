import { describeLinkedPackages } from '../testing/linked-packages.ts';

// An average project has fewer packages.
describeLinkedPackages(3000);
