import { describeLinkedPackages } from '../testing/linked-packages.ts';

// More packages than a project has on average.
describeLinkedPackages(3000);
