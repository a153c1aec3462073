/** Pages a single address may ask for, so that no one address asks the API for everything. */
export const MOST = 10;
