-- How long jobs waited and took.

-- name: add
INSERT INTO timings (namespace, queue, measure, bucket, count, seconds)
SELECT namespace, name, :measure, :bucket, :count, :seconds FROM queues WHERE namespace = :namespace AND name = :queue
ON CONFLICT (namespace, queue, measure, bucket)
DO UPDATE SET count = count + excluded.count, seconds = seconds + excluded.seconds

-- name: of
SELECT measure, bucket, count, seconds FROM timings WHERE namespace = :namespace AND queue = :queue
