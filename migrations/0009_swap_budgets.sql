-- Counters of guesses, stored if all of them stand as they were read: one question to the database instead of four.
-- `was` tells how they stood, by key; a counter that is not in it was not there. All of them are stored, or none.
CREATE FUNCTION gatehouse_swap_budgets(was jsonb, wanted jsonb, moment timestamptz) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  swapped integer;
BEGIN
  -- In the order of their keys, as everybody locks them.
  INSERT INTO attempts AS a (key, failures, digests, repeats, window_started_at, blocked_until, touched_at)
  SELECT b.key, b.failures, b.digests, b.repeats, b."windowStartedAt", b."blockedUntil", moment
    FROM jsonb_to_recordset(wanted) AS b(key text, failures int, digests text[], repeats int,
      "windowStartedAt" bigint, "blockedUntil" bigint)
   ORDER BY b.key
  ON CONFLICT (key) DO UPDATE
    SET failures = excluded.failures, digests = excluded.digests, repeats = excluded.repeats,
        window_started_at = excluded.window_started_at, blocked_until = excluded.blocked_until,
        touched_at = CASE WHEN a.touched_at < moment - interval '1 hour' THEN moment ELSE a.touched_at END
    WHERE jsonb_build_array(a.failures, a.digests, a.repeats, a.window_started_at, a.blocked_until) = was -> a.key;
  GET DIAGNOSTICS swapped = ROW_COUNT;
  IF swapped < jsonb_array_length(wanted) THEN
    RAISE SQLSTATE 'GH001';
  END IF;
  RETURN true;
EXCEPTION WHEN SQLSTATE 'GH001' THEN
  RETURN false;
END $$;
