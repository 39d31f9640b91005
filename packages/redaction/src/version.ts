/**
 * Version of the rules. Raised whenever the same text could come out otherwise, so that an archive tells which
 * rules it was written with.
 */
export const ENGINE_VERSION = '1.2.1';
