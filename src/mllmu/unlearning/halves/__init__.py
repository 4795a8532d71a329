"""The samples of each half of a batch: forget questions with other answers, pictures or people."""
