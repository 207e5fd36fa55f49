//! The check against the seeds of the truth benchmark, and against mechanical lies.
