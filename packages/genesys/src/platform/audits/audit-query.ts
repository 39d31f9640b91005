/** What every audit query of the platform is made of. Facts: genesys-api.md, section 2. */

export const auditPermissions = ['audits:audit:view'];

/** `Timestamp` is the only name that events can be sorted by. */
export const oldestFirst = [{ name: 'Timestamp', sortOrder: 'ascending' }];

export function intervalText({ from, to }: { from: number; to: number }): string {
  return `${new Date(from).toISOString()}/${new Date(to).toISOString()}`;
}
