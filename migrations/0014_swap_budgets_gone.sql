-- As in 0009, and one more: a counter that `was` tells of and that is gone was forgotten meanwhile (an operator opened the
-- login). It is not made again with what it had counted; none is stored, and whoever asked looks again.
CREATE OR REPLACE FUNCTION gatehouse_swap_budgets(was jsonb, wanted jsonb, moment timestamptz) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  b record;
BEGIN
  -- In the order of their keys, as everybody locks them.
  FOR b IN SELECT * FROM jsonb_to_recordset(wanted) AS r(key text, failures int, digests text[], repeats int,
    "windowStartedAt" bigint, "blockedUntil" bigint) ORDER BY r.key
  LOOP
    IF was -> b.key IS NULL THEN
      INSERT INTO attempts (key, failures, digests, repeats, window_started_at, blocked_until, touched_at)
      VALUES (b.key, b.failures, b.digests, b.repeats, b."windowStartedAt", b."blockedUntil", moment)
      ON CONFLICT (key) DO NOTHING;
    ELSE
      UPDATE attempts a
         SET failures = b.failures, digests = b.digests, repeats = b.repeats,
             window_started_at = b."windowStartedAt", blocked_until = b."blockedUntil",
             touched_at = CASE WHEN a.touched_at < moment - interval '1 hour' THEN moment ELSE a.touched_at END
       WHERE a.key = b.key
         AND jsonb_build_array(a.failures, a.digests, a.repeats, a.window_started_at, a.blocked_until) = was -> b.key;
    END IF;
    IF NOT FOUND THEN
      RAISE SQLSTATE 'GH001';
    END IF;
  END LOOP;
  RETURN true;
EXCEPTION WHEN SQLSTATE 'GH001' THEN
  RETURN false;
END $$;
