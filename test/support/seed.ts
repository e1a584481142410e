/** What the random choices of a run begin from: `CALLTRAIL_TEST_SEED`, or any number where a file is run by itself. */
export const SEED = Number(process.env.CALLTRAIL_TEST_SEED ?? Math.floor(Math.random() * 2 ** 31))
