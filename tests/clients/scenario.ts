// A mentee signs in, answers on three days without a network, sends them, reads what has changed, and sees her trend;
// her mentor takes the alert that her last note raises. Beside this file lies the generated client.
import { AlertsApi, CheckInsApi, Configuration, ResponseError, SignInApi, SyncApi, type ChangeView } from "./index";

declare const process: { env: Record<string, string | undefined>; exit(code: number): never };

interface Play {
  base: string;
  phone: string;
  mentee: string;
  mentor: string;
  days: string[];
  zone: string;
  note: string;
}

interface Phones {
  phones: { phone: string; texts: { body: string }[] }[];
}

function expect(what: string, holds: boolean): void {
  if (!holds) throw new Error(`not so: ${what}`);
}

/** Waits for the code on the pretend phone, as a person would look at a real one. */
async function codeOn(play: Play): Promise<string> {
  for (let tries = 0; tries < 100; tries++) {
    const answered = await fetch(`${play.base}/sandbox/state?mentee=${play.mentee}`);
    const { phones } = (await answered.json()) as Phones;
    const texts = phones.find((one) => one.phone === play.phone)?.texts ?? [];
    const codes = texts.flatMap((one) => /^\d{6}(?= is your code| es tu codigo)/.exec(one.body) ?? []);
    if (codes.length > 0) return codes[codes.length - 1]!;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("no code came");
}

async function signIn(play: Play): Promise<string> {
  const signingIn = new SignInApi(new Configuration({ basePath: play.base }));
  const { requestId } = await signingIn.requestCode({ newCode: { phone: play.phone } });
  const tokens = await signingIn.createTokens({ newTokens: { requestId, code: await codeOn(play) } });
  expect("she is who she is", tokens.personId === play.mentee);
  return tokens.accessToken;
}

/** Reads on from *cursor* until there is no more, and returns what came and where to go on. */
async function readOn(sync: SyncApi, cursor?: string): Promise<[ChangeView[], string]> {
  const found: ChangeView[] = [];
  for (;;) {
    const page = await sync.listChanges({ limit: 2, ...(cursor === undefined ? {} : { cursor }) });
    found.push(...page.items);
    cursor = page.nextCursor;
    if (!page.hasMore) return [found, cursor];
  }
}

async function main(play: Play): Promise<void> {
  const as = (accessToken: string) => new Configuration({ basePath: play.base, accessToken });
  const signedIn = as(await signIn(play));
  const checkIns = new CheckInsApi(signedIn);
  const sync = new SyncApi(signedIn);
  const alerts = new AlertsApi(as(play.mentor));

  const kept = play.days.map((day, number) => ({
    day: new Date(day),
    mood: 5 - number,
    hope: 6 - number,
    answeredAt: new Date(),
    timeZone: play.zone,
  }));
  const send = async () => (await checkIns.sendCheckIns({ checkInBatch: { items: kept } })).items;
  expect("what was kept is stored", (await send()).every((one) => one.outcome === "stored"));
  expect("sent again it is unchanged", (await send()).every((one) => one.outcome === "unchanged"));

  const [all, place] = await readOn(sync);
  const days = all.filter((one) => one.kind === "check_in").map((one) => one.id);
  expect("every day is told", days.sort().join() === play.days.join());

  const last = { ...kept[kept.length - 1]!, answeredAt: new Date(), note: play.note };
  const { day, ...newCheckIn } = last;
  const stored = await checkIns.putCheckIn({ day, newCheckIn });
  const [changed, after] = await readOn(sync, place);
  expect("the change is told", changed.some((one) => one.id === play.days.at(-1) && one.checkIn?.note === stored.note));
  expect("and only once", (await readOn(sync, after))[0].length === 0);

  const trend = await checkIns.getTrend();
  expect("her usual is being learned", trend.learning && trend.answers === play.days.length);

  const listed = await checkIns.listCheckIns({ limit: 2 });
  const older = await checkIns.listCheckIns({ limit: 2, cursor: listed.nextCursor });
  const found = [...listed.items, ...older.items].map((one) => one.day.toISOString().slice(0, 10));
  expect("the days come newest first", found.join() === [...play.days].reverse().join());
  expect("the last page has no cursor", older.nextCursor === undefined);

  const open = await alerts.listAlerts();
  expect("one alert is open", open.items.length === 1);
  const taken = await alerts.acknowledgeAlert({ alertId: open.items[0]!.id });
  expect("the mentor has it", taken.yours && taken.acknowledgedAt instanceof Date);

  const refused = await checkIns.listCheckIns({ limit: 101 }).catch((error: unknown) => error);
  expect("a wrong limit is a problem", refused instanceof ResponseError && refused.response.status === 400);
}

main(JSON.parse(process.env["PLAY"] ?? "{}") as Play).catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
