/** What can be read out of a bucket's policy without knowing who asks: pure. */

interface Statement {
  Effect?: unknown;
  Principal?: unknown;
  Condition?: Record<string, Record<string, unknown>>;
}

/** Whether something denies every request that does not come over TLS, to everybody. */
export function enforcesTls(policy: string | null): boolean {
  return statementsOf(policy).some((statement) => {
    const secure = statement.Condition?.['Bool']?.['aws:SecureTransport'];
    const values = Array.isArray(secure) ? secure : [secure];
    return (
      statement.Effect === 'Deny' &&
      isEverybody(statement.Principal) &&
      values.length === 1 &&
      String(values[0]).toLowerCase() === 'false'
    );
  });
}

/** Whether something is allowed to everybody under no condition: for services that have no verdict of their own. */
export function allowsEverybody(policy: string | null): boolean {
  return statementsOf(policy).some(
    ({ Effect, Principal, Condition }) =>
      Effect === 'Allow' && isEverybody(Principal) && Object.keys(Condition ?? {}).length === 0,
  );
}

function statementsOf(policy: string | null): Statement[] {
  if (policy === null) return [];
  const parsed = JSON.parse(policy) as { Statement?: Statement | Statement[] };
  const statements = parsed.Statement ?? [];
  return Array.isArray(statements) ? statements : [statements];
}

function isEverybody(principal: unknown): boolean {
  if (principal === '*') return true;
  const aws = (principal as { AWS?: unknown } | null | undefined)?.AWS;
  return aws === '*' || (Array.isArray(aws) && aws.includes('*'));
}
