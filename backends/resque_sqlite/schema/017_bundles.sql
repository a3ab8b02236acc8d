-- Bundles: the jobs that came along with the one that a worker holds. Each is `running` under the token of that one; its
-- `worker` is the worker's id, a line feed and the job's number, since `jobs_running` lets a worker hold one job.
-- They need no table and no column. This layout keeps versions from the file that would not put them back.

SELECT 1;
