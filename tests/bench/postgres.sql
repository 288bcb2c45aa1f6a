-- An event store in PostgreSQL as they are usually made: one table of messages with a global position, a position in each stream, and a
-- function that appends under a lock of the stream if the stream is where the caller believes it to be.
CREATE TABLE messages (
  global_position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  stream text NOT NULL,
  position bigint NOT NULL,
  type text NOT NULL,
  data jsonb NOT NULL,
  time timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE UNIQUE INDEX messages_of_stream ON messages (stream, position);

CREATE FUNCTION append(to_stream text, expected bigint, of_type text, with_data jsonb) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  version bigint;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended(to_stream, 0));
  SELECT max(position) INTO version FROM messages WHERE stream = to_stream;
  version := coalesce(version, -1);
  IF version <> expected THEN
    RAISE EXCEPTION 'stream % is at %, not at %', to_stream, version, expected;
  END IF;
  INSERT INTO messages (stream, position, type, data) VALUES (to_stream, version + 1, of_type, with_data);
  RETURN version + 1;
END
$$;
