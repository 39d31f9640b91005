/** A redactor whose process dies, as by `kill -9`, when it is about to write what the environment's DIES_AT names. */
import { runRedactor } from './redactor.ts';

const diesAt = process.env['DIES_AT'] ?? '';

await runRedactor(process.env, {
  wrapStage: (stage) =>
    new Proxy(stage, {
      get(target, name) {
        const member = Reflect.get(target, name, target) as unknown;
        if (typeof member !== 'function') return member;
        return (...args: unknown[]) => {
          if ((name === 'write' || name === 'putNote') && String(args[0]).includes(diesAt)) {
            process.kill(process.pid, 'SIGKILL');
          }
          return (member as (...given: unknown[]) => unknown).apply(target, args);
        };
      },
    }),
});
