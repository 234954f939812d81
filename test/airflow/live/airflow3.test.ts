import { testReleases } from './release.ts';

testReleases(3);
