import { describeLinkedPackages } from '../testing/linked-packages.ts';

// More packages than an average project has.
describeLinkedPackages(3000);
