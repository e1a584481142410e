/** What the random choices of a run begin from: `CALLTRAIL_TEST_SEED`, or any number where a file is run by itself. */
export const SEED = Number(process.env.CALLTRAIL_TEST_SEED ?? Math.floor(Math.random() * 2 ** 31))

// A server that a test starts refuses settings that it does not know.
delete process.env.CALLTRAIL_TEST_SEED
