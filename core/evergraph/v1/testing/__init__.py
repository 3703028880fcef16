"""What `tf.test` offers to tests of programs."""
